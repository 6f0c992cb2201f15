import { useData, useRoute } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import { nextTick, onMounted, watch } from 'vue';
import { addButtons } from './run.mjs';
import './style.css';

/** Says to screen readers what the theme leaves unsaid: where the first page's content is. */
function complete() {
  document.querySelector('.VPContent.is-home')?.setAttribute('role', 'main');
}

export default {
  extends: DefaultTheme,
  setup() {
    const { site, theme } = useData();
    const route = useRoute();
    const shown = () =>
      nextTick(() => {
        complete();
        if (theme.value.canRun) addButtons(site.value.base);
      });
    onMounted(shown);
    watch(() => route.path, shown);
  },
};
