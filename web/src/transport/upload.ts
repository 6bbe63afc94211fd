/** Without a sign of progress for so long, in ms, an upload has failed. */
const STALL = 30_000

/** Posts a body, telling which share of it is under way. Rejects when there is no answer. */
export function postWithProgress(url: string, secret: string, body: Blob, progress: (share: number) => void): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    let stall: ReturnType<typeof setTimeout> | undefined
    const alive = () => {
      clearTimeout(stall)
      stall = setTimeout(() => request.abort(), STALL)
    }
    request.open('POST', url)
    request.setRequestHeader('Accept', 'application/json')
    request.setRequestHeader('Authorization', `Bearer ${secret}`)
    request.upload.onprogress = ({ loaded, total }) => {
      alive()
      if (total > 0) progress(loaded / total)
    }
    request.onload = () => resolve(new Response(request.responseText, { status: request.status, statusText: request.statusText }))
    request.onerror = request.onabort = () => reject(new Error('the connection was lost'))
    request.onloadend = () => clearTimeout(stall)
    alive()
    request.send(body)
  })
}
