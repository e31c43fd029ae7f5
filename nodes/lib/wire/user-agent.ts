/** How requests introduce themselves: this package and its version. */
export const USER_AGENT = "comment-webhooks/0.1.0";
