/**
 * Longer than a kubelet and many others take to notice, and short enough for the time that a container has to stop. Behind a
 * scaling group, the group takes a host out itself.
 */
export const DEFAULT_DRAIN_WAIT = '20s'
