// A Socket.IO server that does what the other peers do. Its first argument is the key that
// clients' tokens are signed with; without it, there are none.
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { Server } from 'socket.io'

const secret = process.argv[2]
const http = createServer()
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, serveClient: false })

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
  socket.on('echo', (body) => { socket.emit('msg', body) })
})

http.listen(0, '127.0.0.1', () => console.log(`ws://127.0.0.1:${http.address().port}/socket.io/`))
