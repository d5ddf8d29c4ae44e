import type { PracticeUrls } from './exchange';

/** Settings of a Tapemend that asks this exchange for all markets. */
export function environmentOf({
  restUrl,
  archiveUrl,
  archiveListUrl,
  streamUrl,
}: PracticeUrls): Record<string, string> {
  return {
    TAPEMEND_BINANCE_SPOT_REST_URL: restUrl,
    TAPEMEND_BINANCE_UM_REST_URL: restUrl,
    TAPEMEND_BINANCE_CM_REST_URL: restUrl,
    TAPEMEND_BINANCE_SPOT_STREAM_URL: streamUrl,
    TAPEMEND_BINANCE_ARCHIVE_URL: archiveUrl,
    TAPEMEND_BINANCE_ARCHIVE_LIST_URL: archiveListUrl,
  };
}
