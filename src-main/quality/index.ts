export { OBSERVATION_KINDS, type ObservationKind } from './observation';
export { Verification, type VerificationDeps, type VerifyOptions } from './verification';
