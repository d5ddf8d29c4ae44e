export { isSameProcess, processStart } from './process-identity';
