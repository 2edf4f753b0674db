// What scripts of others put on the page.
declare const uPlot: any;
interface Window { echarts: any }
