import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { choosePeers, shuffled } from '../../src/peers/choose-peers.ts'
import type { ChoosePeersOptions } from '../../src/peers/choose-peers.ts'
import { readPeerNames } from '../../src/peers/peer-names.ts'
import type { PeerSource } from '../../src/peers/peer-names.ts'
import { createRandom } from '../support/random.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'

const randomOf = (seed: number): (() => number) => {
  const random = createRandom(seed)
  return () => random.next()
}

const choose = async (source: PeerSource, options: Partial<ChoosePeersOptions> = {}) => {
  const chosen = await choosePeers(source, {
    port: 80,
    families: [4, 6],
    count: 5,
    random: randomOf(7),
    ...options,
  })
  const peers = chosen.peers.map(({ host, port }) => `${host} ${port}`).sort()
  return { ...chosen, peers }
}

const addresses = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `192.0.${i >> 8}.${i & 255}`)

/** A resolver of one answer for each family: addresses, or a code of c-ares. */
const resolverOf = (
  ipv4: readonly string[] | string,
  ipv6: readonly string[] | string = 'ENODATA',
): NonNullable<ChoosePeersOptions['resolver']> => {
  const answer = async (said: readonly string[] | string): Promise<readonly string[]> => {
    if (typeof said === 'string') throw Object.assign(new Error(said), { code: said })
    return said
  }
  return { resolve4: () => answer(ipv4), resolve6: () => answer(ipv6) }
}

t.test('a choice of peers › has each host once, with its port, and never this host itself', async t => {
  const list = ['10.0.0.1', '10.0.0.1:80', '10.0.0.2:8080', '[2001:db8::1]:81', '127.0.0.1', '127.0.0.1:81']
  t.strictSame(await choose(list), {
    peers: ['10.0.0.1 80', '10.0.0.2 8080', '127.0.0.1 81', '2001:db8::1 81'],
    unread: [],
    known: 4,
  })
})

t.test('a choice of peers › knows this host, and each other one, however an address is written', async t => {
  const own = ['[0:0:0:0:0:0:0:1]', '[::1]:80', '127.0.0.1', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]']
  const other = ['192.0.2.1', '[::ffff:192.0.2.1]', '[2001:db8::1]', '[2001:DB8:0:0::1]']
  t.strictSame(await choose([...own, ...other], { count: 9 }), {
    peers: ['192.0.2.1 80', '2001:db8::1 80'],
    unread: [],
    known: 2,
  })
})

t.test('a choice of peers › counts a host once that several names have', async t => {
  const resolver = resolverOf(addresses(9))
  const isOwn = async () => false
  const { peers, known } = await choose(['web.example', 'www.example'], { resolver, isOwn })
  t.equal(peers.length, 5)
  t.equal(known, 9)
})

t.test('a choice of peers › is drawn in any order', async t => {
  const random = randomOf(7)
  const orders = Array.from({ length: 100 }, () => shuffled(['a', 'b', 'c'], random).join(''))
  t.strictSame([...new Set(orders)].sort(), ['abc', 'acb', 'bac', 'bca', 'cab', 'cba'])
})

t.test('a choice of peers › finds out of no more hosts than it takes whether they are this one', async t => {
  const looked: string[] = []
  const isOwn = async (host: string) => {
    looked.push(host)
    return host === '192.0.0.7'
  }
  const resolver = resolverOf(addresses(10_000))
  for (const source of ['dns:web.example', addresses(10_000)]) {
    looked.length = 0
    const { peers, known } = await choose(source, { isOwn, resolver })
    t.equal(peers.length, 5)
    t.ok(looked.length <= 6, `${looked.length} of 10,000`)
    t.ok(known >= 9999)
  }
})

t.test('a choice of peers › is another one each time, and has this host in none', async t => {
  const random = randomOf(7)
  const isOwn = async (host: string) => host === '192.0.0.0'
  const drawn = new Set<string>()
  for (let i = 0; i < 50; i += 1)
    for (const peer of (await choose(addresses(20), { random, isOwn })).peers) drawn.add(peer)
  t.equal(drawn.size, 19)
})

t.test(
  'a choice of peers › gives up on a list that has none, and does not take it for an empty one',
  async t => {
    let looked = 0
    const isOwn = async () => {
      looked += 1
      return true
    }
    t.match(await choose(addresses(10_000), { isOwn }), { peers: [], known: /^9\d\d\d$/ })
    t.ok(looked <= 100, `${looked} looked at`)
    looked = 0
    const resolved = await choose('dns:web.example', { isOwn, resolver: resolverOf(addresses(1000)) })
    t.match(resolved, { peers: [], known: /^9\d\d$/ })
    t.ok(looked <= 100, `${looked} looked at`)
    const names = Array.from({ length: 10_000 }, (_, i) => `web${i}.example`)
    let asked = 0
    const resolver = {
      resolve4: async () => {
        asked += 1
        throw Object.assign(new Error('none'), { code: 'ENOTFOUND' })
      },
      resolve6: async () => [],
    }
    t.match(await choose(names, { resolver }), { peers: [], known: 9900 })
    t.equal(asked, 100)
  },
)

t.test('a choice of peers › is made of a file, read again each time', async t => {
  await using scratch = await createScratchDirectory('health-sidecar-peers-')
  const path = join(scratch.path, 'peers')
  await writeFile(path, '\ufeff# the web tier\r\n10.0.0.1\r\n\r\n10.0.0.2:8080  # canary\n2001:db8::1')
  t.strictSame(await choose(`file:${path}`), {
    peers: ['10.0.0.1 80', '10.0.0.2 8080', '2001:db8::1 80'],
    unread: [],
    known: 3,
  })
})

t.test('a choice of peers › a file of 10,000 long names is read', async t => {
  await using scratch = await createScratchDirectory('health-sidecar-peers-')
  const path = join(scratch.path, 'peers')
  const names = addresses(10_000).map(address => `ip-${address}.eu-west-1.compute.internal.example`)
  await writeFile(path, names.join('\n'))
  const chosen = await choose(`file:${path}`, { resolver: resolverOf(['192.0.2.1']) })
  t.match(chosen, { peers: ['192.0.2.1 80'], unread: [] })
})

t.test('a choice of peers › a file of more than 1 MiB is not read', async t => {
  await using scratch = await createScratchDirectory('health-sidecar-peers-')
  const path = join(scratch.path, 'peers')
  await writeFile(path, `10.0.0.1\n#${'x'.repeat(1024 * 1024)}`)
  t.strictSame(await choose(`file:${path}`), { peers: [], unread: [path], known: 1 })
})

t.test('a choice of peers › keeps nothing else waiting, however many names have no address', async t => {
  const names = Array.from({ length: 100 }, (_, i) => `web${i}.example`)
  const state = { isDone: false }
  let turns = 0
  const choosing = choose(names, { resolver: resolverOf('ENOTFOUND', 'ENOTFOUND') }).finally(() => {
    state.isDone = true
  })
  while (!state.isDone) {
    await setImmediate()
    turns += 1
  }
  t.match(await choosing, { peers: [] })
  t.ok(turns >= 20, `${turns} turns of the event loop`)
})

t.test('a choice of peers › reads 10,000 lines of a file, whatever they are', async t => {
  await using scratch = await createScratchDirectory('health-sidecar-peers-')
  const path = join(scratch.path, 'peers')
  await writeFile(path, `# the web tier\n\n${'=\n10.0.0.1\n'.repeat(30_000)}`)
  const { names, unread } = await readPeerNames(`file:${path}`, 80)
  t.strictSame([names.length, unread.length], [5000, 5000])
})

t.test('a choice of peers › tells what it could not read: there may be peers', async t => {
  await using scratch = await createScratchDirectory('health-sidecar-peers-')
  t.strictSame(await choose(`file:${scratch.path}`), { peers: [], unread: [scratch.path], known: 1 })
})

t.test(
  'a choice of peers › takes a source that names nobody, not even this host, for one that it could not read',
  async t => {
    await using scratch = await createScratchDirectory('health-sidecar-peers-')
    const path = join(scratch.path, 'peers')
    t.strictSame(await choose(`file:${path}`), { peers: [], unread: [path], known: 1 }, 'missing')
    for (const halfWritten of ['', '\n', '# the web tier\n']) {
      await writeFile(path, halfWritten)
      t.strictSame(await choose(`file:${path}`), { peers: [], unread: [path], known: 1 }, 'empty')
    }
    const resolver = resolverOf('ENOTFOUND', 'ENOTFOUND')
    t.match(await choose('dns:web.example:81', { resolver }), { unread: ['web.example:81'], known: 1 })
    t.match(await choose(['web-2.example', 'web-3.example'], { resolver }), { unread: ['`peers`'], known: 1 })
    await writeFile(path, '127.0.0.1\n')
    t.strictSame(await choose(`file:${path}`), { peers: [], unread: [], known: 0 }, 'this host is alone')
  },
)

t.test('a choice of peers › tells a port that does not exist, at which Node would throw', async t => {
  await using scratch = await createScratchDirectory('health-sidecar-peers-')
  const path = join(scratch.path, 'peers')
  await writeFile(path, '10.0.0.1:65535\n10.0.0.2:65536\n[2001:db8::1]:99999\n')
  const { peers, unread } = await choose(`file:${path}`)
  t.strictSame(peers, ['10.0.0.1 65535'])
  t.strictSame([...unread].sort(), ['10.0.0.2:65536', '2001:db8::1:99999'])
})

t.test('a choice of peers › names a line that is no host by its number: it may be a secret', async t => {
  await using scratch = await createScratchDirectory('health-sidecar-peers-')
  const path = join(scratch.path, 'env')
  await writeFile(
    path,
    '10.0.0.1\nDATABASE_URL=postgres://app:s3cret@db/app\nhttp://s3cret@10.0.0.2/\n10.0.0.3:\n',
  )
  let isResolved = false
  const resolve = async () => {
    isResolved = true
    return []
  }
  const { peers, unread } = await choose(`file:${path}`, {
    resolver: { resolve4: resolve, resolve6: resolve },
  })
  t.strictSame(peers, ['10.0.0.1 80'])
  t.strictSame(
    [...unread].sort(),
    [2, 3, 4].map(line => `line ${line} of ${path}`),
  )
  t.notOk(isResolved, 'nor does the DNS get it')
})

t.test('a choice of peers › lets a few lines that are no hosts not crowd out the others', async t => {
  await using scratch = await createScratchDirectory('health-sidecar-peers-')
  const path = join(scratch.path, 'peers')
  const flaws = Array.from({ length: 9 }, (_, i) => `; group ${i}`)
  await writeFile(path, [...flaws, ...addresses(91), 'a'.repeat(271)].join('\n'))
  const random = randomOf(7)
  const drawn = new Set<string>()
  for (let i = 0; i < 50; i += 1) {
    const { peers, unread, known } = await choose(`file:${path}`, { random })
    t.equal(peers.length + unread.length, 5)
    t.equal(known, 101)
    for (const each of [...peers, ...unread]) drawn.add(each)
  }
  t.ok(drawn.has('192.0.0.90 80') && drawn.has(`line 1 of ${path}`))
  const lines = [...drawn].filter(each => each.startsWith('line'))
  t.ok(lines.length <= 10, 'a name that is too long is named by its number')
  const long = 'a'.repeat(271)
  await writeFile(path, `${long}\n[${long}]\nfe80::1%${long}`)
  const { unread } = await choose(`file:${path}`)
  t.strictSame(
    [...unread].sort(),
    [1, 2, 3].map(line => `line ${line} of ${path}`),
  )
})

t.test('a choice of peers › tells a name without addresses from one that nobody resolves', async t => {
  const named = (...said: Parameters<typeof resolverOf>) =>
    choose('dns:web.example', { resolver: resolverOf(...said) })
  t.strictSame(await named(['10.0.0.1'], 'ETIMEOUT'), { peers: ['10.0.0.1 80'], unread: [], known: 1 })
  for (const none of ['ENOTFOUND', 'ENODATA']) {
    const gone = await choose(['web-2.example', '10.0.0.1'], { resolver: resolverOf(none, none) })
    t.strictSame(gone, { peers: ['10.0.0.1 80'], unread: [], known: 1 })
  }
  for (const failed of ['ETIMEOUT', 'ESERVFAIL', 'ECONNREFUSED']) {
    t.strictSame(await named(failed), { peers: [], unread: ['web.example'], known: 1 })
    const silent = await choose(['web-2.example', '10.0.0.1'], { resolver: resolverOf(failed) })
    t.strictSame(silent, { peers: ['10.0.0.1 80'], unread: ['web-2.example'], known: 2 })
  }
})

t.test('a choice of peers › has no address of a family in which these hosts do not listen', async t => {
  const resolver = resolverOf(['192.0.2.1', '192.0.2.2'], ['2001:db8::1', '2001:db8::2'])
  const of = (...families: (4 | 6)[]) =>
    choose('dns:web.example', { resolver, families, isOwn: async () => false })
  t.strictSame((await of(4)).peers, ['192.0.2.1 80', '192.0.2.2 80'])
  t.strictSame((await of(6)).peers, ['2001:db8::1 80', '2001:db8::2 80'])
  t.equal((await of(4, 6)).peers.length, 4)
})
