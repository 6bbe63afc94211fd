// What a package offers, read from its own type declarations: so nobody keeps a list by hand.

import { readFileSync } from 'node:fs'

/** The classes and interfaces of some declaration files, by name. */
export function readTypings(...files) {
  const text = files.map((file) => readFileSync(file, 'utf8')).join('\n').replace(/\/\*[\s\S]*?\*\//g, '')
  const types = new Map()
  for (const head of text.matchAll(/(?:class|interface) (\w+)(?: extends ([\w, ]+?))?(?: implements \w+)? \{/g)) {
    const [whole, name, parents = ''] = head
    types.set(name, {
      parents: parents.split(/[, ]+/).filter(Boolean),
      members: members(block(text, head.index + whole.length)),
    })
  }
  return types
}

/** The text up to the brace that closes what is open at start. */
function block(text, start) {
  let depth = 1
  let end = start
  for (; depth > 0; end++) depth += { '{': 1, '}': -1 }[text[end]] ?? 0
  return text.slice(start, end - 1)
}

/** The declarations in a block that are not private. */
function members(body) {
  const all = []
  let depth = 0
  let member = ''
  for (const c of body) {
    depth += { '{': 1, '(': 1, '[': 1, '}': -1, ')': -1, ']': -1 }[c] ?? 0
    if (c !== ';' || depth > 0) member += c
    else all.push(member.trim()), (member = '')
  }
  return all.filter((m) => !/^(private|protected|static) |^_/.test(m))
}

/**
 * What has to be called to have called everything of a type: `method`, `method(option)` for each
 * property of the options or answer it takes, `method[event]` for each name of an event.
 */
export function surface(types, name) {
  const want = new Set()
  for (const member of types.get(name).members) {
    const method = /^(\w+|\[Symbol\.\w+\])\(/.exec(member)?.[1]
    if (!method) continue
    want.add(method)
    for (const [, type] of parameters(member)) {
      for (const property of properties(types, type)) want.add(`${method}(${property})`)
    }
    const event = /\bevent: "([\w-]+)"/.exec(member)?.[1]
    if (event) want.add(`${method}[${event}]`)
  }
  return want
}

/** The types of a method's parameters that hold options or answers. */
function parameters(member) {
  return member.slice(0, member.lastIndexOf(')')).matchAll(/[:|] (\w+(?:Options|Response))\b/g)
}

function properties(types, name) {
  const type = types.get(name)
  if (!type) return []
  const own = type.members.map((m) => /^(?:readonly )?(\w+)\??:/.exec(m)?.[1]).filter(Boolean)
  return [...own, ...type.parents.flatMap((parent) => properties(types, parent))]
}
