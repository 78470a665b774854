import { useEffect, useRef } from 'react';

export function Idlewave({ onCredit }) {
  const widget = useRef(null);
  useEffect(() => {
    import(/* webpackIgnore: true */ /* @vite-ignore */ 'https://idlewave.example/widget.js');
  }, []);
  useEffect(() => {
    const element = widget.current;
    const listener = (event) => onCredit?.(event.detail);
    element.addEventListener('credit', listener);
    return () => element.removeEventListener('credit', listener);
  }, [onCredit]);
  return <idlewave-widget ref={widget} site="site_YOURS" size="medium" />;
}
