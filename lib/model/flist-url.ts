/** Addresses of images that nodes can mount, in words for messages. */
export const FLIST_URLS = "an http:// or https:// address that ends with .flist or .fl";

/** Whether a node can mount it, as far as the address tells. @source zosbase pkg/flist: it goes by the end of the text */
export function isFlistUrl(url: string): boolean {
  return URL.canParse(url) && ["http:", "https:"].includes(new URL(url).protocol) && /\.(flist|fl)$/.test(url);
}
