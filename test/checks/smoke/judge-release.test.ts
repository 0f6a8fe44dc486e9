import t from 'tap'
import { judgeRelease, releaseEvidence } from '../../../src/checks/smoke/judge-release.ts'
import { answerOf, questionOf } from './judged.ts'

const asked = (release: string, { current, seen }: { current: string; seen?: string }) => ({
  ...questionOf('http+unix:/a', {}, { release }),
  releases: { current: () => current, seen },
})

t.test('release › only a page that names the release before is told to come from it', async t => {
  const question = asked('body', { current: '1.2.4', seen: '1.2.3' })
  const reason = (body: string) => judgeRelease(answerOf(200, { body }), question)?.reason
  t.equal(reason('This is 1.2.3'), 'SMOKE_RELEASE_UNEXPECTED')
  t.equal(reason('This is 1.2.2'), 'SMOKE_RELEASE_MISSING')
  t.equal(question.releases.seen, '1.2.3', 'a page that proves nothing changes nothing')
  t.equal(reason('This is 1.2.4'), undefined)
  t.equal(question.releases.seen, '1.2.4')
})

t.test('release › a header names the request, and no more than 100 characters of the release', async t => {
  const question = asked('header:X-Release', { current: '1.2' })
  const answer = answerOf(200, { headers: { 'x-release': 'x'.repeat(101) } })
  t.match(
    judgeRelease(answer, question)?.message,
    `GET /a/ is answered by the release "${'x'.repeat(100)}", but the release on this host is "1.2": `,
  )
  t.strictSame(releaseEvidence(answer, question), { release: '1.2', pageRelease: 'x'.repeat(100) })
})
