/** The setting of a changed rule, from the URL of its wrapper. */
export const settingOf = (url: string): number => Number(new URL(url).searchParams.get('setting'))
