export { Adoption, type AdoptOptions } from './adoption';
export { beforeReading } from './adoption-run';
