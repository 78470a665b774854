/** The API key that somebody typed in: outlives a look at another page, and not the tab. */
export const keptKey = { value: '' };
