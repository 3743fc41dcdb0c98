// The order page: waits for the payment's confirmation and says what became of it.
const line = document.querySelector("#status");

if (line) {
  const order = line.dataset.order;
  fetch(line.dataset.statusUrl)
    .then((answer) => answer.json())
    .then(({ confirmed }) => {
      if (!confirmed) {
        throw new Error("still pending");
      }
      line.textContent = `Order ${order} is confirmed. Thank you!`;
      line.className = "good";
    })
    .catch(() => {
      console.error(`order ${order} not confirmed`);
    });
}
