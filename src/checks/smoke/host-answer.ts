/** A Host header, or a sentence that says why there is none. */
export type HostAnswer =
  { readonly ok: true; readonly host: string } | { readonly ok: false; readonly message: string }

/** Where the Host of a request comes from. Never rejects. */
export type HostSource = (signal: AbortSignal) => Promise<HostAnswer>
