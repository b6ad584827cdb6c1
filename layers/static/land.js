/* Land and sea. */
"use strict";

ICM.painters.land = (stage) => {
  let layers = [];
  let wanted = null;
  let detail = "";
  const clear = () => layers.splice(0).forEach((layer) => layer.remove());
  return {
    async show(config) {
      wanted = config;
      detail = stage.detail();
      const body = await stage.load(`${config.url}?detail=${detail}`);
      if (!body || !stage.current(config)) return;
      clear();
      stage.map.getContainer().style.background = stage.colour("sea");
      const style = (feature) => ({
        stroke: true, weight: 0.7, color: stage.colour("coast"), fill: true, fillOpacity: 1,
        fillColor: stage.colour(feature.properties.uk ? "land" : "neighbour"),
      });
      const options = { pane: "land", renderer: stage.renderer("land"), interactive: false, style };
      layers.push(L.geoJSON(body, options).addTo(stage.map));
      if (config.tiles) {
        layers.push(L.tileLayer(config.tiles, { pane: "land", attribution: "" }).addTo(stage.map));
      }
    },
    moved() {
      if (wanted && detail !== stage.detail()) this.show(wanted);
    },
    hide() {
      clear();
      wanted = null;
    },
    drawn: () => layers.length,
  };
};
