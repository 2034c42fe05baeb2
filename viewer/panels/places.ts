export interface NamedPlace {
  readonly name: string;
  readonly longitude: number;
  readonly latitude: number;
  /** 1 is labelled first, 4 last; buoys (5) only when searched for. */
  readonly rank: number;
}

/** Our own compilation, to a twentieth of a degree: large cities, coasts that tsunamis have struck, tide gauges. */
// biome-ignore format: a table
const CITIES: readonly (readonly [name: string, latitude: number, longitude: number, rank: number])[] = [
  // Japan, Russia's Far East, Korea, China
  ['Tokyo', 35.68, 139.69, 1], ['Osaka', 34.69, 135.50, 2], ['Sendai', 38.27, 140.87, 2], ['Sapporo', 43.06, 141.35, 2],
  ['Fukushima', 37.42, 141.03, 4], ['Miyako', 39.64, 141.95, 3], ['Hachinohe', 40.51, 141.49, 4], ['Kushiro', 42.98, 144.38, 3],
  ['Nagoya', 35.18, 136.91, 3], ['Kochi', 33.56, 133.53, 3], ['Fukuoka', 33.59, 130.40, 3], ['Naha', 26.21, 127.68, 3],
  ['Petropavlovsk-Kamchatsky', 53.02, 158.65, 2], ['Severo-Kurilsk', 50.67, 156.12, 4], ['Vladivostok', 43.12, 131.89, 2],
  ['Yuzhno-Sakhalinsk', 46.96, 142.74, 4], ['Magadan', 59.57, 150.80, 3],
  ['Seoul', 37.57, 126.98, 1], ['Busan', 35.18, 129.08, 2], ['Beijing', 39.90, 116.41, 1], ['Shanghai', 31.23, 121.47, 1],
  ['Hong Kong', 22.32, 114.17, 1], ['Taipei', 25.03, 121.57, 2], ['Kaohsiung', 22.63, 120.30, 4], ['Qingdao', 36.07, 120.38, 3],
  // South-east Asia
  ['Manila', 14.60, 120.98, 1], ['Davao', 7.07, 125.61, 3], ['Cebu', 10.32, 123.89, 3], ['Ho Chi Minh City', 10.82, 106.63, 2],
  ['Hanoi', 21.03, 105.85, 3], ['Da Nang', 16.05, 108.20, 4], ['Bangkok', 13.76, 100.50, 1], ['Phuket', 7.88, 98.39, 2],
  ['Khao Lak', 8.65, 98.25, 4], ['Singapore', 1.35, 103.82, 1], ['Kuala Lumpur', 3.14, 101.69, 3], ['Penang', 5.41, 100.33, 4],
  ['Yangon', 16.87, 96.20, 2], ['Jakarta', -6.21, 106.85, 1], ['Surabaya', -7.26, 112.75, 3], ['Denpasar', -8.65, 115.22, 3],
  ['Banda Aceh', 5.55, 95.32, 2], ['Padang', -0.95, 100.35, 3], ['Bengkulu', -3.80, 102.26, 4], ['Palu', -0.90, 119.87, 3],
  ['Makassar', -5.15, 119.43, 4], ['Ambon', -3.70, 128.18, 4], ['Manado', 1.47, 124.84, 4], ['Dili', -8.56, 125.57, 3],
  // Indian Ocean
  ['Port Blair', 11.62, 92.73, 3], ['Dhaka', 23.81, 90.41, 2], ['Kolkata', 22.57, 88.36, 2], ['Chennai', 13.08, 80.27, 2],
  ['Visakhapatnam', 17.69, 83.22, 4], ['Kochi, India', 9.93, 76.27, 4], ['Mumbai', 19.08, 72.88, 1], ['Colombo', 6.93, 79.85, 2],
  ['Galle', 6.03, 80.22, 4], ['Trincomalee', 8.57, 81.23, 4], ['Malé', 4.18, 73.51, 2], ['Gan', -0.69, 73.15, 4],
  ['Diego Garcia', -7.31, 72.41, 3], ['Cocos Islands', -12.12, 96.88, 3], ['Christmas Island', -10.45, 105.69, 4],
  ['Karachi', 24.86, 67.01, 1], ['Gwadar', 25.13, 62.33, 4], ['Muscat', 23.59, 58.41, 3], ['Salalah', 17.02, 54.09, 3],
  ['Dubai', 25.20, 55.27, 2], ['Aden', 12.79, 45.02, 3], ['Djibouti', 11.59, 43.15, 4], ['Mogadishu', 2.05, 45.32, 2],
  ['Mombasa', -4.04, 39.67, 3], ['Nairobi', -1.29, 36.82, 2], ['Dar es Salaam', -6.79, 39.21, 2], ['Victoria, Seychelles', -4.62, 55.45, 3],
  ['Port Louis', -20.16, 57.50, 3], ['Réunion', -20.88, 55.45, 4], ['Antananarivo', -18.88, 47.51, 3], ['Maputo', -25.97, 32.57, 3],
  ['Durban', -29.86, 31.02, 2], ['Richards Bay', -28.78, 32.09, 4], ['Cape Town', -33.92, 18.42, 1], ['Heard Island', -53.10, 73.51, 4],
  // Australia, New Zealand
  ['Perth', -31.95, 115.86, 1], ['Darwin', -12.46, 130.84, 2], ['Broome', -17.96, 122.24, 4], ['Cairns', -16.92, 145.77, 3],
  ['Brisbane', -27.47, 153.03, 2], ['Sydney', -33.87, 151.21, 1], ['Melbourne', -37.81, 144.96, 2], ['Hobart', -42.88, 147.33, 3],
  ['Auckland', -36.85, 174.76, 1], ['Wellington', -41.29, 174.78, 2], ['Gisborne', -38.66, 178.02, 4], ['Christchurch', -43.53, 172.64, 3],
  ['Macquarie Island', -54.50, 158.94, 4],
  // Pacific islands
  ['Port Moresby', -9.44, 147.18, 2], ['Rabaul', -4.20, 152.17, 4], ['Honiara', -9.43, 159.95, 3], ['Port Vila', -17.73, 168.32, 3],
  ['Nouméa', -22.27, 166.45, 3], ['Suva', -18.14, 178.44, 2], ['Nukuʻalofa', -21.14, -175.20, 3], ['Apia', -13.83, -171.77, 3],
  ['Pago Pago', -14.28, -170.70, 3], ['Rarotonga', -21.21, -159.78, 4], ['Papeete', -17.54, -149.57, 2], ['Nuku Hiva', -8.91, -140.10, 4],
  ['Rikitea', -23.12, -134.97, 4], ['Easter Island', -27.15, -109.43, 2], ['Guam', 13.44, 144.79, 2], ['Palau', 7.34, 134.48, 4],
  ['Pohnpei', 6.96, 158.21, 4], ['Kwajalein', 8.72, 167.74, 3], ['Tarawa', 1.45, 173.03, 4], ['Wake Island', 19.28, 166.65, 3],
  ['Midway', 28.21, -177.36, 2], ['Honolulu', 21.31, -157.86, 1], ['Hilo', 19.73, -155.06, 2], ['Kahului', 20.89, -156.47, 4],
  ['Johnston Atoll', 16.73, -169.53, 4], ['Kiritimati', 1.87, -157.40, 4],
  // North America
  ['Anchorage', 61.22, -149.90, 1], ['Kodiak', 57.79, -152.41, 3], ['Adak', 51.88, -176.65, 3], ['Dutch Harbor', 53.89, -166.54, 3],
  ['Shemya', 52.72, 174.10, 4], ['Sitka', 57.05, -135.33, 3], ['Vancouver', 49.28, -123.12, 1], ['Port Alberni', 49.23, -124.81, 4],
  ['Tofino', 49.15, -125.91, 4], ['Seattle', 47.61, -122.33, 2], ['Newport, Oregon', 44.63, -124.05, 4], ['Crescent City', 41.76, -124.20, 2],
  ['San Francisco', 37.77, -122.42, 1], ['Los Angeles', 34.05, -118.24, 1], ['San Diego', 32.72, -117.16, 3], ['Cabo San Lucas', 22.89, -109.92, 3],
  ['Manzanillo', 19.05, -104.32, 4], ['Acapulco', 16.85, -99.82, 3], ['Mexico City', 19.43, -99.13, 1], ['New York', 40.71, -74.01, 1],
  ['Boston', 42.36, -71.06, 3], ['Miami', 25.76, -80.19, 2], ['New Orleans', 29.95, -90.07, 3], ['Halifax', 44.65, -63.58, 3],
  ['St. John’s', 47.56, -52.71, 3], ['Chicago', 41.88, -87.63, 2], ['Nuuk', 64.18, -51.69, 2], ['Bermuda', 32.30, -64.78, 3],
  // Central and South America, Caribbean
  ['Havana', 23.11, -82.37, 2], ['Kingston', 18.02, -76.80, 4], ['Port-au-Prince', 18.59, -72.31, 3], ['San Juan', 18.47, -66.11, 3],
  ['Guatemala City', 14.63, -90.51, 3], ['San José', 9.93, -84.08, 4], ['Panama City', 8.98, -79.52, 2], ['Caracas', 10.48, -66.90, 2],
  ['Bogotá', 4.71, -74.07, 2], ['Buenaventura', 3.88, -77.03, 4], ['Tumaco', 1.79, -78.79, 4], ['Quito', -0.18, -78.47, 3],
  ['Guayaquil', -2.19, -79.89, 3], ['Galápagos', -0.75, -90.31, 2], ['Lima', -12.05, -77.04, 1], ['Arica', -18.48, -70.32, 3],
  ['Iquique', -20.21, -70.15, 3], ['Antofagasta', -23.65, -70.40, 4], ['Coquimbo', -29.95, -71.34, 3], ['Valparaíso', -33.03, -71.63, 2],
  ['Santiago', -33.45, -70.67, 1], ['Juan Fernández', -33.64, -78.83, 3], ['Concepción', -36.83, -73.05, 2], ['Valdivia', -39.81, -73.25, 3],
  ['Punta Arenas', -53.16, -70.91, 2], ['Buenos Aires', -34.60, -58.38, 1], ['Montevideo', -34.90, -56.16, 3], ['Rio de Janeiro', -22.91, -43.17, 1],
  ['São Paulo', -23.55, -46.63, 2], ['Recife', -8.05, -34.88, 3], ['Fortaleza', -3.73, -38.53, 3], ['Stanley', -51.70, -57.85, 3],
  // Europe, Africa, Atlantic
  ['Reykjavík', 64.15, -21.94, 1], ['London', 51.51, -0.13, 1], ['Paris', 48.86, 2.35, 1], ['Madrid', 40.42, -3.70, 2],
  ['Lisbon', 38.72, -9.14, 1], ['Cádiz', 36.53, -6.29, 4], ['Berlin', 52.52, 13.40, 2], ['Oslo', 59.91, 10.75, 2],
  ['Tromsø', 69.65, 18.96, 3], ['Longyearbyen', 78.22, 15.63, 2], ['Rome', 41.90, 12.50, 1], ['Messina', 38.19, 15.55, 4],
  ['Athens', 37.98, 23.73, 2], ['Heraklion', 35.34, 25.14, 4], ['Istanbul', 41.01, 28.98, 1], ['Alexandria', 31.20, 29.92, 3],
  ['Cairo', 30.04, 31.24, 1], ['Casablanca', 33.57, -7.59, 2], ['Algiers', 36.75, 3.06, 3], ['Dakar', 14.72, -17.47, 2],
  ['Lagos', 6.52, 3.38, 1], ['Accra', 5.60, -0.19, 3], ['Luanda', -8.84, 13.23, 2], ['Walvis Bay', -22.96, 14.51, 4],
  ['Addis Ababa', 9.03, 38.74, 3], ['Kinshasa', -4.32, 15.31, 2], ['Johannesburg', -26.20, 28.05, 2], ['Funchal', 32.65, -16.91, 4],
  ['Ponta Delgada', 37.74, -25.67, 3], ['Las Palmas', 28.12, -15.43, 3], ['Praia', 14.93, -23.51, 4], ['Ascension', -7.93, -14.42, 4],
  ['St Helena', -15.93, -5.72, 4], ['Tristan da Cunha', -37.07, -12.31, 3], ['Moscow', 55.76, 37.62, 1], ['Delhi', 28.61, 77.21, 1],
  ['Tehran', 35.69, 51.39, 2], ['Almaty', 43.24, 76.95, 3], ['Novosibirsk', 55.03, 82.92, 3], ['McMurdo', -77.85, 166.67, 3],
];

/** DART buoys of NOAA and its partners, where they lay when they last recorded a tsunami of ours. */
// biome-ignore format: a table
const BUOYS: readonly (readonly [id: string, latitude: number, longitude: number])[] = [
  ['21401', 42.617, 152.583], ['21402', 46.488, 158.343], ['21413', 30.515, 152.117], ['21414', 48.938, 178.281],
  ['21415', 50.183, 171.849], ['21416', 48.052, 163.505], ['21418', 38.711, 148.694], ['21419', 44.455, 155.736],
  ['23227', 6.255, 88.792], ['23401', 8.905, 88.537], ['32401', -20.473, -73.429], ['32402', -26.743, -73.983],
  ['32403', -23.154, -72.034], ['32411', 4.995, -90.850], ['32412', -17.975, -86.392], ['32413', -7.393, -93.477],
  ['43412', 16.034, -107.001], ['51406', -8.489, -125.006],
];

export const PLACES: readonly NamedPlace[] = [
  ...CITIES.map(([name, latitude, longitude, rank]) => ({ name, longitude, latitude, rank })),
  ...BUOYS.map(([id, latitude, longitude]) => ({ name: `DART ${id}`, longitude, latitude, rank: 5 })),
];
