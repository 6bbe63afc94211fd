import { createApp } from 'vue'
import App from './App.vue'
import { startLanguage } from './composables/language'
import { openOffline } from './transport/offline'
import './styles/tokens.css'
import './styles/base.css'

if (import.meta.env.PROD && (await openOffline())) {
  location.reload()
} else {
  await startLanguage()
  createApp(App).mount('#app')
}
