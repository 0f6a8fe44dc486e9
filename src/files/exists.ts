import { statFile } from './files.ts'

/** Whether there is something at a path that this process can look at. */
export const exists = async (path: string): Promise<boolean> => {
  try {
    await statFile(path)
    return true
  } catch {
    return false
  }
}
