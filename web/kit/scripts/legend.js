/* for: .chart.data-series .chart.series */
// The names of several series over a plot, in as many lines as they need.

legend = ({ width, spark, names }) => {
  let [x, y] = [0, 12];
  const shapes = (spark ? [] : names)
    .slice(0, 8)
    .filter(Boolean)
    .flatMap((name, which) => {
      const room = name.length * 7 + 34;
      if (x && x + room > width) [x, y] = [0, y + 20];
      x += room;
      return [shape("circle", { ...of(which), cx: x - room + 5, cy: y - 4, r: 4.5 }), write(x - room + 16, y, name, "start")];
    });
  return [shapes, shapes.length ? y + 8 : 0];
};
