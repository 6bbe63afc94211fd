import { createApp } from 'vue'
import App from './App.vue'
import { startLanguage } from './composables/language'
import { parseLink } from './composables/route'
import { beginEarly } from './transport/early'
import { openOffline } from './transport/offline'
import './styles/tokens.css'
import './styles/base.css'

const link = parseLink(location.pathname + location.hash)
const early = link && beginEarly(link)

if (import.meta.env.PROD && (await openOffline())) {
  location.reload()
} else {
  await Promise.all([startLanguage(), early])
  createApp(App).mount('#app')
}
