"use strict";
runVectors().then(({ count, failed }) => {
  document.body.dataset.result = JSON.stringify({ count, failed });
});
