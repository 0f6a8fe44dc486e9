/** A Host header, or a sentence that says why it is not known. */
export type HostAnswer =
  { readonly ok: true; readonly host: string } | { readonly ok: false; readonly message: string }

/** Finds the Host of a request. Never rejects. */
export type HostSource = (signal: AbortSignal) => Promise<HostAnswer>
