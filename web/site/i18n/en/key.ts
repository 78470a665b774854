/** The words around an API key, in English. */
export const key = {
  key: 'Your API key',
  note: 'From whoever runs this coordinator. It is kept in this page until you close or reload it, and sent nowhere else.',
  forget: 'Forget the key',
};
