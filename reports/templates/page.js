(function () {
  "use strict";
  var page = JSON.parse(document.getElementById("figures").textContent);
  var root = document.documentElement;
  var ids = Object.keys(page.figures);
  var settings = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false, showTips: false };
  var narrow = window.matchMedia("(max-width: " + (page.narrow - 1) + "px)");

  function figureOf(id) { return document.getElementById(id).closest("figure"); }

  function fail(id) {
    var figure = figureOf(id);
    figure.querySelector("details").open = true;
    figure.querySelector(".fails").hidden = false;
    document.getElementById(id).classList.add("empty");
  }

  function put(target, path, value) {
    var keys = path.replace(/\[(\d+)\]/g, ".$1").split(".");
    var last = keys.pop();
    keys.forEach(function (key) {
      if (target[key] === undefined) { target[key] = {}; }
      target = target[key];
    });
    target[last] = value;
  }

  function formOf(id, isNarrow) {
    var figure = JSON.parse(JSON.stringify(page.figures[id]));
    if (isNarrow) {
      Object.keys(figure.narrow).forEach(function (path) {
        put(path.indexOf("data[") === 0 ? figure : figure.layout, path, figure.narrow[path]);
      });
    }
    figure.layout.template = page.template;
    return figure;
  }

  function draw(id) {
    var figure = formOf(id, narrow.matches);
    figure.layout.height = document.getElementById(id).clientHeight;
    figure.layout.autosize = true;
    return window.Plotly.react(id, figure.data, figure.layout, settings).catch(function () { fail(id); });
  }

  if (!window.Plotly) { ids.forEach(fail); root.dataset.charts = "failed"; return; }

  document.querySelectorAll("figure.chart details").forEach(function (item) { item.open = false; });
  root.classList.add("drawn");

  function drawAll() { return Promise.all(ids.map(draw)); }

  var font = document.fonts ? document.fonts.load('13px "IBM Plex Sans"') : Promise.resolve();
  font.catch(function () { return null; }).then(drawAll).then(function () { root.dataset.charts = "ready"; });
  narrow.addEventListener("change", drawAll);

  var folded = [];
  window.addEventListener("beforeprint", function () {
    folded = Array.prototype.filter.call(document.querySelectorAll("details.folded"), function (item) { return !item.open; });
    folded.forEach(function (item) { item.open = true; });
    ids.forEach(function (id) {
      var place = document.getElementById(id), figure = formOf(id, true);
      figure.layout.width = place.closest(".several") ? 300 : 620;
      figure.layout.height = parseInt(place.style.getPropertyValue("--narrow-height"), 10);
      window.Plotly.react(id, figure.data, figure.layout, settings);
    });
  });
  window.addEventListener("afterprint", function () {
    folded.forEach(function (item) { item.open = false; });
    drawAll();
  });
})();
