// What keeps a configuration from being put into force, in nginx's words: logged at [emerg] by whoever tried to.

export class Fault extends Error {
  override readonly name = 'Fault';
}
