export { Adoption, type AdoptOptions } from './adoption';
