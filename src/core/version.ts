// Which nginx we behave as.

/** The nginx whose behaviour, messages and version string are ours: configurations and clients test for it. */
export const NGINX_VERSION = '1.31.5';
