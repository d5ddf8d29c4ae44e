export { Verification, type VerifyOptions } from './verification';
