'use strict';

const { X509Certificate } = require('node:crypto');

const NativeSocket = require('./native-socket');

/**
 * A connection with TLS that the I/O thread does, with the members of a
 * `tls.TLSSocket` that programs use.
 */
class NativeTlsSocket extends NativeSocket {
  /**
   * TLS is open.
   *
   * @param {TlsInfo} info What it came to
   * @param {Boolean} verify Whether the peer was asked for a certificate
   * @param {Function} ownCertificate Gives the certificate of this end as DER,
   *     or `undefined`
   */
  takeTls(info, verify, ownCertificate) {
    this._tls = info;
    this._ownCertificate = ownCertificate;
    if (info.alpnProtocol !== false) this.alpnProtocol = info.alpnProtocol;
    if (info.servername !== false) this.servername = info.servername;
    if (verify) {
      this.authorizationError = info.verifyCode;
      this.authorized = this.authorizationError === null;
    }
  }

  /**
   * The protocol of TLS.
   *
   * @return {(String|null)} For example 'TLSv1.3'
   */
  getProtocol() {
    return this._tls === null ? null : this._tls.protocol;
  }

  /**
   * The cipher in use.
   *
   * @return {(Object|undefined)} `name`, `standardName` and `version`
   */
  getCipher() {
    return this._tls === null ? undefined : { ...this._tls.cipher };
  }

  /**
   * Whether an earlier session was resumed.
   *
   * @return {Boolean} `true` if so
   */
  isSessionReused() {
    return this._tls !== null && this._tls.isReused;
  }

  /**
   * The certificate of the peer.
   *
   * @param {Boolean} [detailed=false] Whether those of the issuers are wanted
   * @return {(Object|null)} As of `tls.TLSSocket`
   */
  getPeerCertificate(detailed = false) {
    return this._tls === null ? null : this._tls.peerCertificate(detailed);
  }

  /**
   * Likewise, as an object of `node:crypto`.
   *
   * @return {(X509Certificate|undefined)} It, if there is one
   */
  getPeerX509Certificate() {
    return this._tls === null ? undefined : this._tls.peerCertificates()[0];
  }

  /**
   * The certificate of this end.
   *
   * @return {(Object|null)} As of `tls.TLSSocket`; an empty object without one
   */
  getCertificate() {
    if (this._tls === null) return null;
    return this.getX509Certificate()?.toLegacyObject() ?? {};
  }

  /**
   * Likewise, as an object of `node:crypto`.
   *
   * @return {(X509Certificate|undefined)} It, if there is one
   */
  getX509Certificate() {
    const der = this._tls === null ? undefined : this._ownCertificate();

    return der === undefined ? undefined : new X509Certificate(der);
  }

  /**
   * Node's are called so, too.
   *
   * @return {Boolean} `false`: there is no renegotiation
   */
  renegotiate() {
    return false;
  }

  /** Node's sockets have this; there is nothing to disable. */
  disableRenegotiation() {}
}

// In the prototype what most sockets have takes no memory of theirs.
Object.assign(NativeTlsSocket.prototype, {
  alpnProtocol: false,
  authorizationError: null,
  authorized: false,
  encrypted: true,
  servername: false,
  _ownCertificate: null,
  _tls: null
});

module.exports = NativeTlsSocket;
