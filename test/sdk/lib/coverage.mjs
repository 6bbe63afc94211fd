// Whether a run of the tests has called everything the SDKs offer.

import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { readTypings, surface } from './typings.mjs'

const modules = path.resolve(import.meta.dirname, '../node_modules')
const newestFiles = (name, ...files) => files.map((file) => path.join(modules, '@azure', name, 'dist/esm', `${file}.d.ts`))
const oldestFile = (name) => path.join(modules, `${name}-oldest/types/${name}.d.ts`)

/** Where the SDKs declare what they offer, and the types an application gets to use. */
const offers = [
  {
    age: 'newest',
    files: newestFiles('web-pubsub', 'hubClient', 'groupClient'),
    types: ['WebPubSubServiceClient', 'WebPubSubGroup'],
  },
  {
    age: 'newest',
    files: newestFiles('web-pubsub-client', 'webPubSubClient', 'models/index'),
    types: ['WebPubSubClient', 'GroupStreamWriter', 'GroupStreamSubscription'],
  },
  {
    age: 'newest',
    files: newestFiles('web-pubsub-express', 'webPubSubEventHandler', 'cloudEventsProtocols'),
    types: ['WebPubSubEventHandler', 'ConnectResponseHandler', 'UserEventResponseHandler'],
  },
  { age: 'oldest', files: [oldestFile('web-pubsub')], types: ['WebPubSubServiceClient', 'WebPubSubGroup'] },
  { age: 'oldest', files: [oldestFile('web-pubsub-client')], types: ['WebPubSubClient'] },
  {
    age: 'oldest',
    files: [oldestFile('web-pubsub-express')],
    types: ['WebPubSubEventHandler', 'ConnectResponseHandler', 'UserEventResponseHandler'],
  },
]

/** What belongs to MQTT, which the service does not speak. */
const isMQTT = (what) => what.endsWith('(mqtt)')

/** All there is to call. */
export function everything() {
  const all = new Set()
  for (const { age, files, types } of offers) {
    const typings = readTypings(...files)
    for (const type of types) for (const what of surface(typings, type)) all.add(`${age} ${type}.${what}`)
  }
  return [...all].filter((what) => !isMQTT(what))
}

/** What the processes that left their calls in a folder have not called. */
export function unused(folder) {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  const called = new Set(files.flatMap((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8'))))
  return everything().filter((what) => !called.has(what))
}
