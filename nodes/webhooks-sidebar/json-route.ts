import type { Request, RequestHandler, Response } from "express";
import { asError } from "../host/input";
import { EndlessTemplateError } from "../lib/notify/mail-writer";
import { InvalidFieldsError } from "../lib/validation/invalid-fields-error";
import { isPlainObject, type PlainObject } from "../lib/validation/plain-object";
import { IntegrationNotFoundError } from "./integration-desk";

/** Answers a request with the JSON of what `work` finds, or of the sentence that says why not. */
export function answer(work: (request: Request) => unknown): RequestHandler {
  const run = async (request: Request) => work(request);
  return (request, response) => {
    run(request).then(
      (result) => response.json(result),
      (error: unknown) => refuse(response, asError(error)),
    );
  };
}

function refuse(response: Response, error: Error): void {
  response.status(statusOf(error)).json({ error: error.message });
}

function statusOf(error: Error): number {
  if (error instanceof InvalidFieldsError || error instanceof EndlessTemplateError) return 400;
  return error instanceof IntegrationNotFoundError ? 404 : 503;
}

/** Refuses what is not JSON: a page elsewhere can make a browser send other things here, but not that. */
export const jsonOnly: RequestHandler = (request, response, next) => {
  if (request.is("application/json")) next();
  else response.status(415).json({ error: "the request's Content-Type must be application/json" });
};

export function bodyOf(request: Request): PlainObject {
  return isPlainObject(request.body) ? request.body : {};
}
