/** What a template leaves behind, anywhere in a value: `<no value>`, `<nil>`, `${…}`, `{{…}}`. */
const unrendered = /<no value>|<nil>|\$\{[^}]*\}|\{\{[^]*?\}\}/i

/** What stands for a value that is still to be given. */
const standIn = /^(?:null|undefined|change[-_ ]?me|to-?do|x{3,})$/i

/** Whether a value only holds the place of one: its template was not filled in, or nobody has. */
export const isPlaceholder = (value: string): boolean => unrendered.test(value) || standIn.test(value.trim())
