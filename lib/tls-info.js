'use strict';

const { X509Certificate } = require('node:crypto');

const { verifyCode } = require('./tls-support');

/** Lines of `TlsStream::Info()`. */
const INFO_LINES = 10;

/**
 * What is known of a connection with TLS, as the I/O thread tells it.
 */
class TlsInfo {
  /**
   * @param {String[]} lines The lines of `TlsStream::Info()`
   */
  constructor(lines) {
    this.protocol = lines[0];
    this.cipher = {
      name: lines[1],
      standardName: lines[2],
      version: lines[3]
    };
    this.alpnProtocol = lines[4] === '' ? false : lines[4];
    this.servername = lines[5] === '' ? false : lines[5];
    this.isReused = lines[6] === '1';
    this.verified = +lines[7];
    this.ownCertificate = lines[8];
    this._peer = lines[9];
  }

  /**
   * Why the peer is not to be trusted.
   *
   * @type {(String|null)}
   */
  get verifyCode() {
    return this.verified === 0 ? null : verifyCode(this.verified);
  }

  /**
   * The certificates of the peer, its own first.
   *
   * @return {X509Certificate[]} None if it has shown none
   */
  peerCertificates() {
    return this._peer === ''
      ? []
      : this._peer
          .split(',')
          .map((text) => new X509Certificate(Buffer.from(text, 'base64')));
  }

  /**
   * The certificate of the peer as `tls.TLSSocket.prototype` gives it.
   *
   * @param {Boolean} detailed Whether those of the issuers are wanted, too
   * @return {Object} It; an empty object without one
   */
  peerCertificate(detailed) {
    const certificates = this.peerCertificates();

    if (certificates.length === 0) return {};

    const first = certificates[0].toLegacyObject();

    if (!detailed) return first;

    let last = first;
    let issued = certificates[0];

    for (const issuer of certificates.slice(1)) {
      if (!issued.checkIssued(issuer)) break;
      last.issuerCertificate = issuer.toLegacyObject();
      last = last.issuerCertificate;
      issued = issuer;
    }
    if (issued.checkIssued(issued)) last.issuerCertificate = last;
    return first;
  }
}

module.exports = { INFO_LINES, TlsInfo };
