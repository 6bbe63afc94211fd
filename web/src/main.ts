import { createApp } from 'vue'
import App from './App.vue'
import { startLanguage } from './composables/language'
import './styles/tokens.css'
import './styles/base.css'

await startLanguage()
createApp(App).mount('#app')
