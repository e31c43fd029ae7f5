import { createTransport } from "nodemailer";
import type { MailSender, OutgoingMail } from "./owner-mailer";

/** Nothing that stands in a mail may make nodemailer read a file or fetch a URL. */
const composer = createTransport({
  streamTransport: true,
  buffer: true,
  newline: "windows",
  disableFileAccess: true,
  disableUrlAccess: true,
});

/**
 * The bytes of a mail (RFC 5322, MIME, CRLF line ends). Addresses are given to nodemailer as objects, never as text to be
 * parsed, so that a name cannot become a second address.
 */
export async function mailMessage(mail: OutgoingMail, from: MailSender): Promise<Buffer> {
  const { message } = await composer.sendMail({
    from: { name: from.name, address: from.address },
    to: [{ name: "", address: mail.to }],
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    date: new Date(mail.dateMs),
    messageId: `<${mail.id}@${domainOf(from.address)}>`,
    headers: {
      // RFC 3834: asks out-of-office replies not to answer.
      "Auto-Submitted": "auto-generated",
      "X-Auto-Response-Suppress": "All",
    },
  });
  if (!Buffer.isBuffer(message)) throw new TypeError("nodemailer returned a stream where a buffer was asked for");
  return message;
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1);
}
