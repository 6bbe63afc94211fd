// Which cell of the matrix this process tests: how the service is reached and what runs it.

/** http, or https with the authority in NODE_EXTRA_CA_CERTS. */
export const transport = process.env.EASEL_SDK_TRANSPORT ?? 'http'

/** alone is `easel pubsub`; embedded is the service inside `easel serve`. */
export const shape = process.env.EASEL_SDK_SHAPE ?? 'alone'

export const secure = transport === 'https'
