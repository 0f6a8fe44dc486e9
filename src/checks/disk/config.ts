import { Mapping, Size, Text, Type } from '../../schema/vocabulary.ts'
import type { Static } from '../../schema/vocabulary.ts'

const percentage = Type.String({ pattern: '^(100|[0-9]{1,2})(\\.[0-9]+)?%$' })
const size = Size({ description: 'a size such as 1GiB' })

export const diskSchema = Mapping({
  path: Text({ description: 'an absolute path on the file system, such as /var', pattern: '^/' }),
  min_free: Type.Union([size, percentage], {
    default: '5%',
    description: 'a size such as 1GiB, or a percentage such as 5%: less free space fails',
  }),
  min_free_inodes: Type.Unsafe<string>({
    ...percentage,
    default: '5%',
    description: 'a percentage such as 5%: fewer free inodes fail',
  }),
  allow_read_only: Type.Boolean({
    default: false,
    description: 'true or false: whether the file system may be read-only',
  }),
})

export type DiskConfig = Static<typeof diskSchema>
