// A Socket.IO server that does what the other peers do. Its first argument is the key that
// clients' tokens are signed with; without it, there are none.
import { createHmac } from 'node:crypto'
import { Agent, createServer, request } from 'node:http'
import { Server } from 'socket.io'

const secret = process.argv[2]
let handler // URL; until it is known, events are answered here
const http = createServer(async (req, res) => {
  const parts = []
  for await (const part of req) parts.push(part)
  const body = Buffer.concat(parts).toString()
  const [, verb, group] = req.url.split('/')
  if (secret && req.headers['x-api-key'] !== secret) res.writeHead(401, { 'Content-Length': 0 })
  else if (req.method === 'POST' && verb === 'publish') {
    io.to(group).emit('msg', JSON.parse(body))
    res.writeHead(202, { 'Content-Length': 0 })
  } else if (req.method === 'POST' && verb === 'handler') {
    handler = body
    res.writeHead(204)
  } else res.writeHead(404, { 'Content-Length': 0 })
  res.end()
})
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, serveClient: false })

const agent = new Agent({ keepAlive: true, maxSockets: 1024 })

function ask(event) {
  return new Promise((done, failed) => {
    const body = JSON.stringify(event)
    const req = request(handler, { method: 'POST', agent, headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) } }, async (res) => {
      const parts = []
      for await (const part of res) parts.push(part)
      done(JSON.parse(Buffer.concat(parts).toString()))
    })
    req.on('error', failed)
    req.end(body)
  })
}

function valid(token) {
  const [head, body, signature] = String(token).split('.')
  if (!signature || createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url') !== signature) return false
  return JSON.parse(Buffer.from(body, 'base64url').toString()).exp > Date.now() / 1000
}

if (secret) {
  io.use((socket, next) => next(valid(socket.handshake.auth.token) ? undefined : new Error('unauthorized')))
}

io.on('connection', (socket) => {
  socket.on('join', (group, done) => { socket.join(group); done() })
  socket.on('pub', (group, body) => { socket.to(group).emit('msg', body) })
  let last = Promise.resolve() // events of a client are answered in their order
  socket.on('echo', (body) => {
    if (!handler) return socket.emit('msg', body)
    last = last.then(() => ask(body)).then((answer) => socket.emit('msg', answer))
  })
})

http.listen(0, '127.0.0.1', () => console.log(`ws://127.0.0.1:${http.address().port}/socket.io/`))
