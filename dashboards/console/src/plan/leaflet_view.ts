// PlanView by Leaflet, with its plainest coordinates: one unit is one point of the picture, north is up. The one file that knows Leaflet.
import { CRS, divIcon, imageOverlay, latLng, latLngBounds, layerGroup, map as makeMap, marker, type LatLng } from 'leaflet/dist/leaflet-src.esm.js';
import { inside, type Mark, type PlanEvents, type PlanImage, type PlanView, type Share } from './plan_view';

const kNearest = 2; // a point of the picture on four of the screen
const kLook = 0; // one to one

export function leafletView(element: HTMLElement, image: PlanImage, events: PlanEvents): PlanView {
  const bounds = latLngBounds([0, 0], [image.height, image.width]);
  const to = ({ x, y }: Share): LatLng => latLng((1 - y) * image.height, x * image.width);
  const from = ({ lat, lng }: LatLng): Share => inside({ x: lng / image.width, y: 1 - lat / image.height });
  const map = makeMap(element, {
    crs: CRS.Simple, maxZoom: kNearest, minZoom: -6, zoomSnap: 0.25, attributionControl: false, zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false,
    keyboard: false, maxBounds: bounds.pad(0.5),
  });
  imageOverlay(image.url, bounds).addTo(map);
  map.fitBounds(bounds);
  map.on('click', ({ latlng }) => {
    if (bounds.contains(latlng)) events.onPoint(from(latlng));
  });
  const marks = layerGroup().addTo(map);
  const sized = new ResizeObserver(() => map.invalidateSize());
  sized.observe(element);
  const put = (mark: Mark) => {
    const icon = divIcon({ html: mark.element, className: 'plan-mark', iconSize: [0, 0] });
    const one = marker(to(mark.at), { icon, draggable: mark.draggable, keyboard: false, zIndexOffset: mark.on_top * 1000 });
    one.on('click', () => events.onMark(mark.id));
    one.on('dragend', () => events.onMoved(mark.id, from(one.getLatLng())));
    marks.addLayer(one);
  };
  return {
    show: (next) => {
      marks.clearLayers();
      next.forEach(put);
    },
    lookAt: (at) => map.setView(to(at), Math.max(map.getZoom(), kLook), { animate: false }),
    close: () => {
      sized.disconnect();
      map.remove();
    },
  };
}
