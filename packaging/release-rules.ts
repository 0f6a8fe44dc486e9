import { UnavailableError } from './unavailable.ts'

/** A section of CHANGELOG.md: one version. */
interface Section {
  readonly version: string
  readonly date: string
}

const HEADING = /^## (?<version>\d+\.\d+\.\d+) \/ (?<date>\d{4}-\d\d-\d\d|unreleased)$/
const LINE = /^- \[(?:CHANGE|FEATURE|ENHANCEMENT|BUGFIX|SECURITY)\] \S/

const compareVersions = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true })

const isDay = (date: string): boolean => new Date(`${date}T00:00:00Z`).toJSON()?.startsWith(date) ?? false

/** What is wrong with a section, compared with the older one below it. */
const faultsOfSection = ({ version, date }: Section, older: Section | undefined): readonly string[] => [
  ...(date === 'unreleased' || isDay(date) ? [] : [`${version} has the date ${date}, which does not exist`]),
  ...(older && compareVersions(version, older.version) <= 0
    ? [`${version} is above ${older.version}; put the newest version first`]
    : []),
  ...(older && older.date !== 'unreleased' && date < older.date
    ? [`${version} is older than ${older.version} below it; correct one of the dates`]
    : []),
  ...(older?.date === 'unreleased'
    ? [`${older.version} is below a version, and unreleased; give it its date`]
    : []),
]

/** What is wrong with the form of CHANGELOG.md, a sentence each. */
export const faultsOfChangelog = (changelog: string): readonly string[] => {
  const [title, ...lines] = changelog.split('\n')
  const sections = lines.flatMap(line => {
    const { version = '', date = '' } = HEADING.exec(line)?.groups ?? {}
    return version === '' ? [] : [{ version, date }]
  })
  const strange = lines.filter(line => line !== '' && !HEADING.test(line) && !LINE.test(line))
  return [
    ...(title === '# Changelog' ? [] : ['the first line is not "# Changelog"']),
    ...(sections.length > 0 ? [] : ['there is no version; write "## X.Y.Z / unreleased"']),
    ...strange.map(
      line => `a line is neither "## X.Y.Z / YYYY-MM-DD" nor "- [KIND] text": ${line.slice(0, 60)}`,
    ),
    ...sections.flatMap((section, index) => faultsOfSection(section, sections[index + 1])),
  ]
}

export interface Candidate {
  /** `vX.Y.Z` */
  readonly tag: string
  /** package.json's, which is the only place of the version */
  readonly version: string
  /** The same, in package-lock.json. */
  readonly lockedVersion: string
  readonly changelog: string
}

/** Why a tag may not be released, a sentence each. */
export const faultsOfRelease = ({ tag, version, lockedVersion, changelog }: Candidate): readonly string[] => {
  const [newest] = Array.from(changelog.matchAll(new RegExp(HEADING, 'gm')), ({ groups }) => groups)
  return [
    ...(tag === `v${version}` ? [] : [`the tag is ${tag}, and package.json has ${version}; tag v${version}`]),
    ...(lockedVersion === version
      ? []
      : [`package-lock.json has ${lockedVersion}, not ${version}; run npm install`]),
    ...faultsOfChangelog(changelog).map(fault => `CHANGELOG.md: ${fault}`),
    ...(newest?.['version'] === version
      ? []
      : [`CHANGELOG.md begins with ${newest?.['version']}, not ${version}; add a section for it`]),
    ...(newest?.['date'] === 'unreleased'
      ? [`CHANGELOG.md says that ${newest['version']} is unreleased; write the date`]
      : []),
  ]
}

/** A release of Node, as https://nodejs.org/dist/index.json lists it. */
export interface NodeRelease {
  /** `vX.Y.Z` */
  readonly version: string
  /** `YYYY-MM-DD` */
  readonly date: string
  readonly security: boolean
}

/**
 * The security releases of the same major version that are newer than this one. Throws an UnavailableError if the list does not
 * have this one.
 */
export const missedSecurityReleases = (
  releases: readonly NodeRelease[],
  version: string,
): readonly NodeRelease[] => {
  if (!releases.some(release => release.version === `v${version}`))
    throw new UnavailableError(`the list of Node's releases does not have ${version}, so it proves nothing`)
  const [major] = version.split('.')
  return releases.filter(
    release =>
      release.security &&
      release.version.startsWith(`v${major}.`) &&
      compareVersions(release.version, `v${version}`) > 0,
  )
}
