export { ReplayDock, type ReplayDockProps } from './replay-dock';
