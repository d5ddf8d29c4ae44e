export { isFlat } from './stored-checks';
export { wrongNumbers } from './structure-check';
export { Verification, type VerifyOptions } from './verification';
