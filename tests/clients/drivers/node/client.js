// kafkajs for the checks of the matrix (matrix/checks.toml).
//
// Usage: node client.js BOOTSTRAP PREFIX CHECK...
const { Kafka, logLevel, CompressionTypes, CompressionCodecs, ConfigResourceTypes } = require('kafkajs')
const SnappyCodec = require('kafkajs-snappy')

CompressionCodecs[CompressionTypes.Snappy] = SnappyCodec

const [bootstrap, prefix, ...names] = process.argv.slice(2)
const COUNT = 1000
const TIMESTAMP = 1700000000000
const WAIT_MS = 30000
const REPLICATION_FACTOR = Number(process.env.REPLICATION_FACTOR || 1)
const SESSION_MS = 45000
const TOO_LARGE = 10
const UNKNOWN_TOPIC = 3
const INVALID_CONFIG = 40

const kafka = new Kafka({ clientId: 'matrix', brokers: [bootstrap], logLevel: logLevel.NOTHING, retry: { retries: 5 } })
const admin = kafka.admin()

class Unsupported extends Error {}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

function expect (holds, otherwise) {
  if (!holds) throw new Error(otherwise)
}

async function until (what, question, ms = WAIT_MS) {
  for (const deadline = Date.now() + ms; !(await question()); await sleep(50)) {
    expect(Date.now() < deadline, `${what}: not within ${ms} ms`)
  }
}

function code (error) {
  const inner = error.errors ? error.errors[0] : error.cause || error
  return error.code === undefined ? inner.code : error.code
}

async function refused (expected, body) {
  try {
    await body()
  } catch (e) {
    expect(code(e) === expected, `refused with ${e} (error ${code(e)}), expected error ${expected}`)
    return
  }
  throw new Error(`not refused; expected error ${expected}`)
}

function value (i) {
  if (i % 97 === 5) return Buffer.alloc(0)
  const out = Buffer.alloc((i * 37) % 1500 + 1)
  let x = BigInt(i + 1)
  for (let k = 0; k < out.length; k += 16) { // One number of the generator for each 16 bytes.
    x = BigInt.asUintN(64, x * 6364136223846793005n + 1442695040888963407n)
    out.fill(Number((x >> 33n) & 255n), k, Math.min(k + 16, out.length))
  }
  return out
}

function index (message) {
  const i = Number(message.key.toString().slice(1))
  expect(value(i).equals(message.value), `record ${i} has other bytes`)
  expect(String(message.headers.i) === String(i), `record ${i} has other headers`)
  expect(Number(message.timestamp) === TIMESTAMP + i, `record ${i}: timestamp ${message.timestamp}`)
  return i
}

async function create (name, numPartitions = 3) {
  const topic = `${prefix}-${name}`
  await admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor: REPLICATION_FACTOR }], waitForLeaders: true })
  return topic
}

async function produce (topic, start, count, { compression, partition, idempotent } = {}) {
  const producer = kafka.producer({ idempotent: !!idempotent })
  await producer.connect()
  try {
    for (let from = start; from < start + count; from += 100) {
      const messages = []
      for (let i = from; i < Math.min(from + 100, start + count); i++) {
        const timestamp = String(TIMESTAMP + i)
        messages.push({ key: `k${i}`, value: value(i), headers: { i: String(i) }, timestamp, partition })
      }
      await producer.send({ topic, messages, compression, acks: -1 })
    }
  } finally {
    await producer.disconnect()
  }
}

/** A member of a group; what came is in order, by index, and in offsets, by partition. */
class Member {
  constructor (topic, group) {
    this.topic = topic
    this.order = []
    this.seen = new Set()
    this.next = new Map()
    this.assigned = new Set()
    this.error = null
    this.consumer = kafka.consumer({
      groupId: group,
      sessionTimeout: SESSION_MS,
      heartbeatInterval: 500,
      maxWaitTimeInMs: 200,
      maxBytesPerPartition: 20000
    })
    this.consumer.on(this.consumer.events.GROUP_JOIN, ({ payload }) => {
      this.assigned = new Set(payload.memberAssignment[topic] || [])
    })
    this.consumer.on(this.consumer.events.CRASH, ({ payload }) => { this.error = payload.error })
  }

  async start (strict = false, from = 0) {
    await this.consumer.connect()
    await this.consumer.subscribe({ topic: this.topic, fromBeginning: true })
    await this.consumer.run({
      eachMessage: async ({ partition, message }) => {
        const offset = Number(message.offset)
        const expected = this.next.has(partition) ? this.next.get(partition) : from
        if (strict && offset !== expected) this.error = new Error(`offset ${offset}, expected ${expected}`)
        this.next.set(partition, offset + 1)
        const i = index(message)
        if (strict && this.seen.has(i)) this.error = new Error(`record ${i} came twice`)
        this.seen.add(i)
        this.order.push(i)
      }
    })
  }

  async has (count) {
    if (this.error) throw this.error
    return this.seen.size >= count
  }

  async stop () {
    await this.consumer.disconnect()
  }
}

async function read (topic, count, from = 0) {
  const member = new Member(topic, `${topic}-reader`)
  try {
    await member.start(true, from)
    await until(`${count} records`, () => member.has(count))
  } finally {
    await member.stop()
  }
  expect(member.order.length === count, `${member.order.length} of ${count} records`)
  return member.order
}

async function codec (name) {
  const types = { plain: CompressionTypes.None, gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy }
  if (!(name in types)) throw new Unsupported(`${name} only by a native module`)
  const topic = await create(name)
  await produce(topic, 0, COUNT, { compression: types[name] })
  await read(topic, COUNT)
}

/** Runs the body with two members that have divided the topic. */
async function two (topic, body) {
  const members = [new Member(topic, topic), new Member(topic, topic)]
  try {
    await members[0].start()
    await until('the first assignment', () => members[0].assigned.size === 3)
    await members[1].start()
    await until('a divided assignment', () => members.every((m) => m.assigned.size > 0) &&
      members[0].assigned.size + members[1].assigned.size === 3)
    await body(members)
  } finally {
    for (const member of members) await member.stop()
  }
}

const together = (members) => new Set(members.flatMap((m) => [...m.seen])).size

const checks = {
  async admin () {
    const topic = await create('admin')
    const partitions = async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length
    await until('the new topic', async () => (await partitions()) === 3)
    expect(!(await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] })), 'created twice')
    await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] })
    await until('five partitions', async () => (await partitions()) === 5)
    await admin.deleteTopics({ topics: [topic] })
    await until('the deletion', async () => !(await admin.listTopics()).includes(topic))
  },

  async times () {
    const topic = await create('times')
    await produce(topic, 0, 300, { partition: 0 })
    const at = async (time) => {
      const all = await admin.fetchTopicOffsetsByTimestamp(topic, time)
      return all.find((p) => p.partition === 0).offset
    }
    expect(await at(TIMESTAMP - 5) === '0', 'the offset for a time before the first')
    expect(await at(TIMESTAMP + 123) === '123', 'the offset for a time')
    expect(await at(TIMESTAMP + 300) === '300', 'kafkajs answers the end for a time behind the last')
    const ends = await admin.fetchTopicOffsets(topic)
    const of = (partition) => ends.find((e) => e.partition === partition)
    expect(of(0).low === '0' && of(0).high === '300' && of(1).high === '0', JSON.stringify(ends))
  },

  async share () {
    const topic = await create('share')
    await two(topic, async (members) => {
      await produce(topic, 0, COUNT)
      await until('all records', () => together(members) === COUNT)
      expect(members.every((m) => m.seen.size > 0), 'one member got nothing')
    })
  },

  async leave () {
    const topic = await create('leave')
    await two(topic, async (members) => {
      await produce(topic, 0, 300)
      await until('all records', () => together(members) === 300)
      await members[1].stop()
      await produce(topic, 300, 300)
      const later = () => [...members[0].seen].filter((i) => i >= 300).length
      await until('the records after one left', () => later() === 300, SESSION_MS / 2)
      expect(members[0].assigned.size === 3, 'not all partitions')
    })
  },

  async resume () {
    const topic = await create('resume')
    await produce(topic, 0, COUNT)
    const seen = []
    for (const want of [COUNT / 2, COUNT]) {
      const member = new Member(topic, topic)
      await member.start()
      await until('records', () => member.has(want - seen.length))
      await member.stop() // It commits what was handled.
      seen.push(...member.order)
    }
    const different = new Set(seen).size
    expect(seen.length === COUNT && different === COUNT, `${different} of ${COUNT}, ${seen.length} came`)
  },

  async static () { throw new Unsupported('no static members') },
  async coop () { throw new Unsupported('no cooperative protocol') },

  async idemp () {
    const topic = await create('idemp', 1)
    await produce(topic, 0, COUNT, { partition: 0, idempotent: true })
    const order = await read(topic, COUNT)
    expect(order.every((i, at) => i === at), 'not in order')
  },

  async configs () {
    const topic = await create('configs')
    const all = async (type, name) => {
      const [answer] = (await admin.describeConfigs({ includeSynonyms: false, resources: [{ type, name }] })).resources
      return Object.fromEntries(answer.configEntries.map((e) => [e.configName, e.configValue]))
    }
    const alter = (configEntries) => admin.alterConfigs({
      resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }]
    })
    expect((await all(ConfigResourceTypes.TOPIC, topic))['retention.ms'] === '604800000', 'the default of retention.ms')
    await alter([{ name: 'retention.ms', value: '86400000' }])
    const retention = async () => (await all(ConfigResourceTypes.TOPIC, topic))['retention.ms']
    await until('the altered value', async () => (await retention()) === '86400000')
    await refused(INVALID_CONFIG, () => alter([{ name: 'retention.ms', value: 'soon' }]))
    const id = String((await admin.describeCluster()).brokers[0].nodeId)
    expect((await all(ConfigResourceTypes.BROKER, id))['num.partitions'] === '3', "the broker's num.partitions")
  },

  async delrec () {
    const topic = await create('delrec', 1)
    await produce(topic, 0, 300, { partition: 0 })
    await admin.fetchTopicOffsets(topic) // kafkajs deletes records only of topics whose metadata it has.
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '100' }] })
    await until('the new first offset', async () => (await admin.fetchTopicOffsets(topic))[0].low === '100')
    expect((await read(topic, 200, 100))[0] === 100, 'the first record')
  },

  async groups () {
    const topic = await create('groups')
    await produce(topic, 0, 300, { partition: 0 })
    const listed = async () => (await admin.listGroups()).groups.some((g) => g.groupId === topic)
    const described = async () => {
      const [group] = (await admin.describeGroups([topic])).groups
      return `${group.state} ${group.members.length}`
    }
    const member = new Member(topic, topic)
    try {
      await member.start()
      await until('all records', () => member.has(300))
      await until('the group in the list', listed)
      expect(await described() === 'Stable 1', await described())
    } finally {
      await member.stop()
    }
    await until('the empty group', async () => (await described()) === 'Empty 0')
    const [{ partitions }] = await admin.fetchOffsets({ groupId: topic, topics: [topic] })
    expect(partitions.find((p) => p.partition === 0).offset === '300', JSON.stringify(partitions))
    await admin.deleteGroups([topic])
    expect(!(await listed()), 'the group is still there')
  },

  async large () {
    const topic = await create('large')
    const producer = kafka.producer()
    await producer.connect()
    await refused(TOO_LARGE, () => producer.send({ topic, messages: [{ value: Buffer.alloc(1500000), partition: 0 }] }))
    await producer.disconnect()
    await produce(topic, 0, 10, { partition: 0 })
    await read(topic, 10)
  },

  async range () {
    const topic = await create('range', 1)
    await produce(topic, 0, 10, { partition: 0 })
    const member = new Member(topic, topic)
    try {
      await member.start(true)
      await until('ten records', () => member.has(10))
      member.order.length = 0
      member.seen.clear()
      member.next.clear()
      member.consumer.seek({ topic, partition: 0, offset: '5000' })
      await until('the reset to the first record', () => member.has(10))
    } finally {
      await member.stop()
    }
  },

  async unknown () {
    const topic = `${prefix}-unknown`
    await refused(UNKNOWN_TOPIC, () => admin.deleteTopics({ topics: [topic] }))
    await refused(UNKNOWN_TOPIC, () => admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] }))
  }
}

async function main () {
  let failed = false
  await admin.connect()
  for (const name of names) {
    let result = 'ok'
    try {
      await (checks[name] ? checks[name]() : codec(name))
    } catch (e) {
      failed = failed || !(e instanceof Unsupported)
      result = e instanceof Unsupported ? `none ${e.message}` : `fail ${e}`
      if (!(e instanceof Unsupported)) console.error(e)
    }
    console.log(`CHECK ${name} ${result.replaceAll('\n', ' ')}`)
  }
  await admin.disconnect()
  process.exit(failed ? 1 : 0)
}

main()
