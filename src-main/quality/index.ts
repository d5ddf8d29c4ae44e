export { isFlat } from './flat';
export { wrongNumbers } from './structure-check';
export { Verification, type VerifyOptions } from './verification';
