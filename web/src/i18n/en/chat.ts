/** The words of the chat. */
export const chat = {
  title: 'Chat',
  close: 'Close chat',
  messages: 'Messages',
  empty: 'Say something to everyone on this board. What is said here stays with the board.',
  message: 'Message',
  send: 'Send',
  unread: { one: '{n} unread message', other: '{n} unread messages' },
} as const
