// Requests to the session. A refusal becomes an Error with the session's sentence as its message.

async function request(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch {
    throw new Error("The review page's server does not answer; start it again with `fashion review`.");
  }
  if (!response.headers.get("content-type")?.startsWith("application/json")) {
    throw new Error(`The review page's server failed (${response.status}); see its terminal for the reason.`);
  }
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

const post = (address, body) =>
  request(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const disagreements = () => request("/api/disagreements");
export const audit = (draws) => request(`/api/audit?draws=${draws}`);
export const product = (id) => request(`/api/products/${id}`);
export const blindProduct = (id) => request(`/api/audit/${id}`);
export const photoAddress = (product) => `/photos/${product.id}?photo=${product.photo.slice(0, 16)}`;
export const saveReview = (id, corrections, isReviewed) =>
  post(`/api/products/${id}/review`, { corrections, is_reviewed: isReviewed });
export const saveAudit = (id, labels) => post(`/api/audit/${id}`, { labels });
